"""The ledger on an orphan branch of the project's own repository.

The law of this package: it works with git's plumbing on objects and on refs of its own. It never
touches the work tree, an index, HEAD, FETCH_HEAD or a branch of the user, and it needs none of
them: a bare, a shallow or a detached checkout will do. (Remote-tracking branches follow, as they do
after any fetch and push.) What is true is what the refs say: after
any push that did not clearly succeed they are read again, and that decides, not git's wording.
"""
