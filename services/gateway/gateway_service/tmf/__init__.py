"""The TM Forum facade: TMF641, TMF638 and TMF639 (v4) as translations over orders, services and numbers."""
