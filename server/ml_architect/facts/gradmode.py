"""Whether autograd records at a place: no_grad and inference_mode as contexts, decorators and through callers."""

from ml_architect.facts.answer import Answer
from ml_architect.facts.structure import CallSite, Function, Site
from ml_architect.facts.values import At, Frame, Values, site_of
from ml_architect.syntax.nodes import Call, Conditional, Constant, Expression, ExpressionStatement, With

_OFF = frozenset({"torch.no_grad", "torch.inference_mode", "torch.autograd.no_grad", "torch.autograd.inference_mode"})
_ON = frozenset({"torch.enable_grad", "torch.autograd.enable_grad"})
_SWITCH = "torch.set_grad_enabled"
_DEPTH = 4


class GradMode:
    """Answers "is autograd off here?"."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._names = values.names
        self._switched = self._has_statement_switch()

    def disabled(self, at: At, frame: Frame | None = None) -> Answer:
        """Return whether autograd is off at `at`: by its own function, else by every visible caller."""
        return self._disabled(site_of(at), frame, 0)

    def disabled_here(self, at: At) -> Answer | None:
        """Return what the function around `at` itself says, None where it says nothing."""
        site = site_of(at)
        for block in site.block.chain():
            owner = block.owner
            if owner is not None and isinstance(owner.statement, With) and block.branch == "body":
                answer = self._of_items(owner)
                if answer is not None:
                    return answer
        return self._of_decorators(site.function) if site.function is not None else None

    def _disabled(self, site: Site, frame: Frame | None, depth: int) -> Answer:
        here = self.disabled_here(site)
        if here is not None:
            return here
        function = site.function
        if function is None or depth > _DEPTH:
            return Answer.UNKNOWN if self._switched else Answer.NO
        if frame is not None and frame.function is function:
            return self._disabled(frame.call.site, frame.parent, depth + 1)
        callers = self._values.callers(function)
        if callers:
            return Answer.agree(self._disabled(call.site, None, depth + 1) for call in callers)
        return Answer.UNKNOWN if self._switched else Answer.NO

    def _of_items(self, owner: Site) -> Answer | None:
        assert isinstance(owner.statement, With)  # noqa: S101 - the caller checked
        answers = [self._of_context(item.context, owner) for item in owner.statement.items]
        told = [answer for answer in answers if answer is not None]
        return told[-1] if told else None

    def _of_context(self, context: Expression, at: Site) -> Answer | None:
        if isinstance(context, Conditional):
            return Answer.UNKNOWN
        items = self._values.origins(context, at).items
        if not items:
            return Answer.UNKNOWN
        answers = {self._of_call(item.node, item.site) if isinstance(item.node, Call) else None for item in items}
        return answers.pop() if len(answers) == 1 else Answer.UNKNOWN

    def _of_call(self, node: Call, site: Site) -> Answer | None:
        name = self._names.qualified(node.func, site.scope)
        if name in _OFF:
            value = node.arguments[0].value if node.arguments else None
            if value is None:
                return Answer.YES
            return Answer.of(bool(value.value)) if isinstance(value, Constant) else Answer.UNKNOWN
        if name in _ON:
            return Answer.NO
        if name == _SWITCH:
            value = node.arguments[0].value if node.arguments else None
            return Answer.of(not value.value) if isinstance(value, Constant) else Answer.UNKNOWN
        text = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        return Answer.UNKNOWN if "grad" in text or "eval" in text or "inference" in text else None

    def _of_decorators(self, function: Function) -> Answer | None:
        for decorator in function.node.decorators:
            inner = decorator.func if isinstance(decorator, Call) else decorator
            name = self._names.qualified(inner, function.site.scope)
            if name in _OFF:
                return Answer.YES
            if name in _ON:
                return Answer.NO
            text = getattr(inner, "attr", "") or getattr(inner, "id", "")
            if "grad" in text or "inference" in text:
                return Answer.UNKNOWN
        return None

    def _has_statement_switch(self) -> bool:
        for call in self._values.structure.calls:
            if isinstance(call.site.statement, ExpressionStatement) and self._is_switch(call):
                return True
        return False

    def _is_switch(self, call: CallSite) -> bool:
        return call.method == "set_grad_enabled" or self._names.call_name(call) == _SWITCH
