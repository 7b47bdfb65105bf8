// Draws the API's document; each call can be tried from there with a key.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#main",
  deepLinking: true,
  filter: true,
  validatorUrl: null, // would send the document to another site
});
