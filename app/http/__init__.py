"""What a graph server has beside the graph: who may come in, pictures, reports, health, metrics."""
