"""The diffusers adapter: any text-to-image pipeline, from a folder or a hub, drawn in batches."""
