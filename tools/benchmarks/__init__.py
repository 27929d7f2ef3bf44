"""Benchmarks: one module for each stage, with its cases and their baselines."""
