"""From a prompt to a wish: how the embedded world reads what people ask for."""
