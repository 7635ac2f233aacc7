"""The page of a served sandbox: the stand-in for the dashboard in which people change agents.

Plain HTML that works without a script. It writes through the API's own endpoints, so that what the
API refuses the page refuses, in the same words; it leaves no trace in the journal of requests.
"""

from reconciler.sandbox.page.views import Page

__all__ = ["Page"]
