"""
The Lambda layers: built from this package and from locked wheels, inspected, published.

`build` makes the zips out of `wheels` and `bytecode`; `check` looks into any zip; `publish` takes one to AWS.
"""
