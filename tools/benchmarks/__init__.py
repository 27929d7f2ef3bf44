"""One module a stage; each lists its cases, with their baselines."""
