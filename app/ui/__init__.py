"""The web page (``gems ui``): runs where people see them, steer them and look back at them."""
