"""The official scoring rules of public benchmarks: answers in, figures out, one file a benchmark.

Nothing here asks a judge or opens a picture. Every rule, odd ones included, is the official script's,
so that a figure differs from a published one by its judge and its pictures alone.
"""
