def explain(code: str) -> str:
    raise NotImplementedError(code)
