"""The other journeys beside `workflow`: each takes a `Site` and a request, and uses its steps."""
