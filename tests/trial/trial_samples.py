"""Samples made by hand, and models that answer what tests want."""

import re
from collections.abc import Callable

from answering_cases import answers_to
from oracle import render_fix

from ml_architect.architect.desk import State, Terms
from ml_architect.architect.model.provider import ProviderError, Reply, Usage
from ml_architect.architect.question.briefing import Limits, brief_fix
from ml_architect.architect.values import Tier
from ml_architect.engine.difference import difference
from ml_architect.trial.case import Case, Kind, all_cases
from ml_architect.trial.running import Examiner
from ml_architect.trial.sample import BUNDLED, Key, Sample

TERMS = Terms("test/model", "nowhere", 1500, 60.0)
BY_CODE = {case.code: case for case in all_cases()}


def sample_for(case: Case, after: str = "", form: str = BUNDLED, number: int = 0, **changes) -> Sample:
    """Return a sample that is right, but for `changes`."""
    declines = case.kind is Kind.ABSTAIN
    values = {
        "key": Key(form, case.name, number),
        "rule": case.rule,
        "kind": case.kind,
        "state": (State.DECLINED if declines else State.PROPOSED).value,
        "tier": (Tier.DECLINED if declines else Tier.PROVEN).value,
        "after": after,
        "rounds": 1,
        "requests": 1,
        "input_tokens": 100,
        "output_tokens": 10,
        "cost": 0.25,
        "seconds": 1.0,
    }
    return Sample(**{**values, **changes})


class Model:
    """Answers bundled cases with their stored good answer, and declines what it does not know; counts the questions."""

    def __init__(self, fails: Callable[[int], ProviderError | None] = lambda _: None, garbles: int = 0) -> None:
        self.asked = 0
        self.garbles = garbles
        """How many replies, from the first on, lose their end."""
        self._fails = fails

    def examiner(self, **more) -> Examiner:
        return Examiner(TERMS, Limits(), self._provider, **more)

    def _provider(self, analysis, fingerprint, limits):
        return _Answering(self, analysis, fingerprint, limits)

    def count(self) -> None:
        self.asked += 1
        problem = self._fails(self.asked)
        if problem is not None:
            raise problem


class _Answering:
    def __init__(self, model, analysis, fingerprint, limits):
        self.model, self.analysis, self.fingerprint, self.limits = model, analysis, fingerprint, limits

    async def complete(self, request, on_progress):
        self.model.count()
        on_progress(0)
        nonce = re.search(r"The nonce is (\w+)\.", request.messages[1].content)[1]
        text = self._text(nonce)
        cut = text[: len(text) // 2] if self.model.asked <= self.model.garbles else text
        return Reply(cut, "stop", Usage(1000, 100, 0.01))

    def _text(self, nonce):
        case = BY_CODE.get(self.analysis.source.text)
        if case is None or case.kind is Kind.ABSTAIN:
            return f"<<<DECLINE {nonce}>>>\nit is meant so\n<<<END {nonce}>>>\n"
        brief = brief_fix(self.analysis, [self.fingerprint], nonce, self.limits)
        good = answers_to(case.name).good[0]
        return render_fix(brief, self.analysis.source, difference(case.code, good))
