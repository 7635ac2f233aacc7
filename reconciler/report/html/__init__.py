"""A plan as one HTML file: no other file, no network, no script needed to read it.

Pure as the rest of `report`; jinja2 is loaded when a page is asked for. Outside text reaches the
page in one way only, through `visible`, which every expression of a template passes.
"""
