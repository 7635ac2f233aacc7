"""The ledger in PostgreSQL: the only home of SQLAlchemy.

The law of this package: one schema, made when it is first written to; every write one
transaction; under the lock, every write on the very session that holds it, so that nobody writes
who lost it.
"""
