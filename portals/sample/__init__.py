"""Sample data: what is not public, made up, marked as such and the same on every start.

Every company is called Kalpit (Hindi: imagined), every person bears a surname that says
"example"; no name is one of `data/`.
"""
