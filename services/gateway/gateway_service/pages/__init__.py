"""The operators' site: pages for people, beside the API for programs. `site` has what every page is made with."""
