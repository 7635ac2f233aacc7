"""One call: sent, sent again where that is safe, and answered with a value or a `LiveError`.

What is safe (DESIGN.md 8, API.md 1: there are no idempotency keys): GET, PUT of a whole document,
PATCH of whole fields and DELETE may be repeated. POST is repeated only when the server has
certainly not acted: it answered 429, or no connection came about.
"""

from collections.abc import Callable
from dataclasses import field
from typing import Generic, TypeVar

from reconciler.errors import LiveError
from reconciler.live.exchange import Answer, Exchange, Request, Trouble
from reconciler.live.flow import Clock, Flow, Sleep, Turn
from reconciler.live.masking import Mask
from reconciler.live.retry import RetryPolicy, retry_after
from reconciler.nouns import noun

T = TypeVar("T")

_TOO_MANY = 429
_MAYBE_DONE = frozenset({303, 408})
"""Beside the 5xx: "see other" is an answer to what was done, a request's timeout says nothing."""


@noun
class Done(Generic[T]):
    """The answer, decoded. Its repr is short: it may be all agents of an organisation."""

    value: T = field(repr=False)


@noun
class Failure:
    """One try that failed. `passing`: the next may not; `reached`: it may have taken effect."""

    error: LiveError
    passing: bool
    reached: bool
    throttled: bool = False
    retry_after: float | None = None

    @property
    def asks_for_patience(self) -> bool:
        return self.throttled or self.retry_after is not None

    def may_repeat(self, request: Request) -> bool:
        return self.passing and (request.method != "POST" or not self.reached)


class Caller:
    """Makes calls over an exchange, by one policy."""

    def __init__(
        self,
        exchange: Exchange,
        flow: Flow,
        mask: Mask,
        policy: RetryPolicy,
        *,
        sleep: Sleep,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._exchange = exchange
        self._flow = flow
        self._mask = mask
        self._policy = policy
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter

    async def call(
        self,
        request: Request,
        decode: Callable[[Answer], T],
        *,
        expects: Callable[[Answer], bool] = lambda answer: 200 <= answer.status < 300,  # noqa: PLR2004  # 2xx
    ) -> T:
        """What `decode` makes of the answer; it raises `LiveError` for one that it can not read.

        `expects` says which answers go to `decode`; all others are errors.
        """
        turn, waited = Turn(), 0.0
        failures = throttled = 0
        reached = False
        # The queue before the first try is no part of the call: others are being served.
        await self._flow.enter(turn)
        started = self._clock()
        while True:
            # Slept time counts as promised, so that tests with an instant sleep end too.
            spent = max(self._clock() - started, waited)
            try:
                tried = await self._try(request, decode, expects, self._policy.deadline - spent)
                if isinstance(tried, Done):
                    self._flow.went_well()
                    return tried.value
                failures += 1
                delay = self._policy.delay(failures, tried.retry_after, self._jitter())
                if tried.asks_for_patience:
                    self._flow.slow_down(turn, delay)
            finally:
                self._flow.leave()
            throttled += tried.throttled
            reached = reached or tried.reached
            spent = max(self._clock() - started, waited)
            if (
                not tried.may_repeat(request)
                or not self._policy.allows(failures, throttled)
                or spent + delay >= self._policy.deadline
            ):
                # A clear refusal speaks about earlier tries of the same body as well.
                unclear = reached and (tried.passing or tried.reached)
                raise _final(tried.error, request, failures, unclear=unclear)
            waited += delay
            if not tried.asks_for_patience:
                await self._sleep(delay)
            await self._flow.enter(turn)

    async def _try(
        self,
        request: Request,
        decode: Callable[[Answer], T],
        expects: Callable[[Answer], bool],
        within: float,
    ) -> Done[T] | Failure:
        answer = await self._exchange.send(request, within=within)
        if isinstance(answer, Trouble):
            from reconciler.live.failures import trouble_error  # noqa: PLC0415  # most go well

            error = trouble_error(answer, request)
            return Failure(error, passing=not answer.final, reached=answer.reached)
        if not expects(answer):
            return self._refused(answer, request)
        try:
            return Done(decode(answer))
        except LiveError as error:
            from reconciler.live.failures import garbled_error  # noqa: PLC0415  # as above

            garbled = garbled_error(error, answer, request, self._mask)
            # What was written once may be written again; of a create nobody knows.
            return Failure(garbled, passing=request.method != "POST", reached=True)

    def _refused(self, answer: Answer, request: Request) -> Failure:
        from reconciler.live.failures import refusal  # noqa: PLC0415  # as above

        broken = answer.status >= 500  # noqa: PLR2004  # the server's errors
        throttled = answer.status == _TOO_MANY
        return Failure(
            refusal(answer, request, self._mask),
            passing=broken or throttled,
            reached=broken or answer.status in _MAYBE_DONE,
            throttled=throttled,
            retry_after=retry_after(answer.headers),
        )


def _final(error: LiveError, request: Request, tries: int, *, unclear: bool) -> LiveError:
    error.unclear = unclear and request.method != "GET"
    if tries > 1:
        error.message += f"; tried {tries} times"
        error.args = (error.message,)
    return error
