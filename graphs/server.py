"""What Studio and graph servers load: the loop, compiled without a checkpointer, since servers bring
their own."""

from __future__ import annotations

from .refinement import build_graph

graph = build_graph()
