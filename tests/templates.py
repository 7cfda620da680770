"""Reads templates as a type checker reads code: what each name is, and whether it has what is asked of it.

It knows dataclasses and other classes by their annotations, follows loops, macros, calls, includes and
inheritance, and says nothing of what it cannot know (the body of a contribution, for instance).
"""

import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

from jinja2 import Environment, nodes
from sqlalchemy.orm import Mapped

Scope = dict[str, Any]
# What Flask gives every template; and what Jinja gives inside loops, macros and blocks.
GIVEN = ("request", "session", "g", "loop", "caller")
LISTS = (list, tuple, set, frozenset, Sequence, Iterable, Iterator)


@dataclass(frozen=True)
class Call:
    """Something that gives a value of a type when it is called."""

    gives: Any


# Named by where it stands: a macro can be handed to another, and what is around it is the whole template.
@dataclass(frozen=True, eq=False, repr=False)
class Macro:
    """A macro, or what a call block hands to one, with the names around it."""

    args: Sequence[nodes.Name]
    defaults: Sequence[nodes.Expr]
    body: Sequence[nodes.Node]
    scope: Scope
    template: str


@dataclass(frozen=True, eq=False, repr=False)
class Module:
    """An imported template: its macros by name."""

    macros: Scope


@dataclass
class Reader:
    """Reads the templates of an environment. problems: what was found; asked: (class, name) that templates ask for.

    gone: fields to read as if they were not there.
    """

    env: Environment
    gone: frozenset[tuple[type, str]] = frozenset()
    problems: list[str] = field(default_factory=list)
    asked: set[tuple[type, str]] = field(default_factory=set)
    _seen: set[Any] = field(default_factory=set)
    _template: str = ""
    _blocks: dict[str, tuple[str, nodes.Block]] = field(default_factory=dict)

    def read(self, template: str, given: Mapping[str, Any]) -> "Reader":
        """Read a page that is given these names, each of a type."""
        self._blocks = {}
        self._page(template, dict.fromkeys([*self.env.globals, *GIVEN], Any) | dict(given))
        return self

    def _parse(self, template: str) -> nodes.Template:
        assert self.env.loader is not None
        return _parsed(self.env, template)

    def _page(self, template: str, scope: Scope) -> None:
        before, self._template = self._template, template
        body = self._parse(template).body
        parent = next((each for each in body if isinstance(each, nodes.Extends)), None)
        if parent is None:
            self._all(body, scope)
        else:
            for each in body:
                if isinstance(each, nodes.Block):
                    self._blocks.setdefault(each.name, (template, each))
                elif not isinstance(each, (nodes.Extends, nodes.Output)):
                    self._statement(each, scope)
            self._page(_constant(parent.template), scope)
        self._template = before

    def _all(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for each in body:
            self._statement(each, scope)

    def _in(self, template: str, body: Iterable[nodes.Node], scope: Scope) -> None:
        before, self._template = self._template, template
        self._all(body, scope)
        self._template = before

    def _statement(self, node: nodes.Node, scope: Scope) -> None:
        if isinstance(node, nodes.Output):
            for each in node.nodes:
                self.of(each, scope)
        elif isinstance(node, nodes.For):
            inner = dict(scope)
            self._bind(node.target, self._element(self.of(node.iter, scope)), inner)
            if node.test is not None:
                self.of(node.test, inner)
            self._all(node.body, inner)
            self._all(node.else_, dict(scope))
        elif isinstance(node, nodes.If):
            self.of(node.test, scope)
            for body in (node.body, node.elif_, node.else_):
                self._all(body, scope)
        elif isinstance(node, nodes.Assign):
            self._bind(node.target, self.of(node.node, scope), scope)
        elif isinstance(node, nodes.AssignBlock):
            self._all(node.body, dict(scope))
            self._bind(node.target, Any, scope)
        elif isinstance(node, nodes.With):
            inner = dict(scope)
            for target, value in zip(node.targets, node.values, strict=True):
                self._bind(target, self.of(value, scope), inner)
            self._all(node.body, inner)
        elif isinstance(node, nodes.Macro):
            scope[node.name] = Macro(node.args, node.defaults, node.body, scope, self._template)
        elif isinstance(node, nodes.CallBlock):
            block = Macro(node.args, node.defaults, node.body, dict(scope), self._template)
            self._call(node.call, scope, block)
        elif isinstance(node, nodes.Import):
            imported: Scope = dict.fromkeys([*self.env.globals, *GIVEN], Any)
            self._in(name := _constant(node.template), self._parse(name).body, imported)
            scope[node.target] = Module({name: each for name, each in imported.items() if isinstance(each, Macro)})
        elif isinstance(node, nodes.Include):
            if isinstance(node.template, nodes.Const):
                self._in(name := _constant(node.template), self._parse(name).body, dict(scope))
        elif isinstance(node, nodes.Block):
            template, block_ = self._blocks.get(node.name, (self._template, node))
            self._in(template, block_.body, dict(scope))
        else:
            raise NotImplementedError(type(node).__name__)

    def _bind(self, target: nodes.Node, value: Any, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = value
        elif isinstance(target, nodes.Tuple):
            for number, each in enumerate(target.items):
                self._bind(each, self._item(value, number), scope)

    def of(self, node: nodes.Node, scope: Scope) -> Any:
        """The type of an expression; Any where it cannot be known."""
        if isinstance(node, nodes.Name):
            if node.name not in scope:
                self._say(node, f"nothing gives {node.name}")
            return scope.get(node.name, Any)
        if isinstance(node, nodes.Const):
            return type(node.value)
        if isinstance(node, nodes.Getattr):
            return self._attribute(self.of(node.node, scope), node.attr, node)
        if isinstance(node, nodes.Getitem):
            found = self.of(node.node, scope)
            self.of(node.arg, scope)
            if isinstance(node.arg, nodes.Slice):
                return found
            return self._item(found, node.arg.value if isinstance(node.arg, nodes.Const) else None)
        if isinstance(node, nodes.Call):
            return self._call(node, scope)
        if isinstance(node, nodes.Filter):
            return self._filter(node, scope)
        if isinstance(node, nodes.Test) and node.name in ("defined", "undefined"):
            return bool
        parts = [self.of(each, scope) for each in node.iter_child_nodes()]
        if isinstance(node, (nodes.And, nodes.Or)):
            return _either(*parts)
        if isinstance(node, nodes.CondExpr):
            return _either(*parts[1:])
        if isinstance(node, nodes.Tuple):
            return tuple[tuple(parts)] if parts else tuple  # type: ignore[misc]
        if isinstance(node, nodes.List):
            return Sequence[_either(*parts)] if parts else Any  # type: ignore[misc]
        if isinstance(node, nodes.Add):
            return Sequence[_either(*map(self._element, parts))]  # type: ignore[misc]
        return Any

    def _call(self, node: nodes.Node, scope: Scope, block: Macro | None = None) -> Any:
        assert isinstance(node, nodes.Call)
        called = self.of(node.node, scope)
        given = [self.of(each, scope) for each in node.args]
        named = {each.key: self.of(each.value, scope) for each in node.kwargs}
        if isinstance(called, Macro):
            self._expand(called, given, named, block)
        elif block is not None:
            self._all(block.body, dict(block.scope) | {each.name: Any for each in block.args})
        if isinstance(called, Call):
            return called.gives
        return _either(*(get_args(each)[1] if get_origin(each) is Callable else Any for each in _options(called)))

    def _expand(self, macro: Macro, given: list[Any], named: Mapping[str, Any], block: Macro | None) -> None:
        key = (macro, tuple(map(repr, given)), repr(sorted(named.items(), key=str)))
        # What a call block holds is read anew with the names around each of its calls.
        if key in self._seen and block is None:
            return
        self._seen.add(key)
        names = [each.name for each in macro.args]
        scope = dict(macro.scope)
        for name, default in zip(names[len(names) - len(macro.defaults) :], macro.defaults, strict=True):
            scope[name] = self.of(default, scope)
        scope |= dict(zip(names, given, strict=False)) | named
        scope["caller"] = block if block is not None else Any
        self._in(macro.template, macro.body, scope)

    def _filter(self, node: nodes.Filter, scope: Scope) -> Any:
        assert node.node is not None
        found = self.of(node.node, scope)
        for each in [*node.args, *(pair.value for pair in node.kwargs)]:
            self.of(each, scope)
        element = self._element(found)
        if node.name in ("selectattr", "rejectattr"):
            self._path(element, _constant(node.args[0]), node)
            return Sequence[element]
        if node.name == "map":
            attribute = next((pair.value for pair in node.kwargs if pair.key == "attribute"), None)
            return Sequence[self._path(element, _constant(attribute), node)] if attribute else Sequence[Any]  # type: ignore[misc]
        if node.name in ("list", "sort", "reverse", "unique"):
            return found
        return element if node.name in ("first", "last") else Any

    def _path(self, found: Any, path: str, node: nodes.Node) -> Any:
        for part in str(path).split("."):
            found = self._item(found, int(part)) if part.isdecimal() else self._attribute(found, part, node)
        return found

    def _attribute(self, found: Any, name: str, node: nodes.Node) -> Any:
        return _either(*(self._attribute_of(each, name, node) for each in _options(found)))

    def _attribute_of(self, found: Any, name: str, node: nodes.Node) -> Any:
        if isinstance(found, Module):
            return found.macros.get(name) or self._say(node, f"no macro {name}")
        origin, args = get_origin(found) or found, get_args(found)
        if not isinstance(origin, type) or origin in (Any, type):
            return Any
        if issubclass(origin, Mapping):
            key, value = args or (Any, Any)
            pairs = {
                "items": Sequence[tuple[key, value]],
                "values": Sequence[value],
                "keys": Sequence[key],
                "get": value,
            }
            return Call(pairs[name]) if name in pairs else value
        self.asked |= {(each, name) for each in origin.__mro__ if name in vars(each).get("__annotations__", {})}
        if name in _hints(origin) and (origin, name) not in self.gone:
            return _plain(_hints(origin)[name])
        declared = inspect.getattr_static(origin, name, None)
        if declared is None or (origin, name) in self.gone:
            return self._say(node, f"{origin.__name__} has no {name}")
        if isinstance(declared, (property, cached_property)):
            return _gives(declared.fget if isinstance(declared, property) else declared.func)
        return Call(_gives(declared)) if isinstance(declared, types.FunctionType) else Any

    def _item(self, found: Any, index: Any) -> Any:
        return _either(*(self._item_of(each, index) for each in _options(found)))

    def _item_of(self, found: Any, index: Any) -> Any:
        origin, args = get_origin(found) or found, get_args(found)
        if origin is tuple and args and args[-1] is not Ellipsis:
            return args[index] if isinstance(index, int) and index < len(args) else Any
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return args[1] if args else Any
        return self._element(found)

    def _element(self, found: Any) -> Any:
        return _either(*(self._element_of(each) for each in _options(found)))

    def _element_of(self, found: Any) -> Any:
        origin, args = get_origin(found) or found, get_args(found)
        if not isinstance(origin, type) or origin in (Any, type):
            return Any
        if origin is tuple:
            return _either(*(each for each in args if each is not Ellipsis)) if args else Any
        if args:
            return args[0]
        return (
            self._element_of(_gives(origin.__iter__))
            if isinstance(vars(origin).get("__iter__"), types.FunctionType)
            else Any
        )

    def _say(self, node: nodes.Node, words: str) -> Any:
        self.problems.append(f"{self._template}:{node.lineno}: {words}")
        return Any


@cache
def _parsed(env: Environment, template: str) -> nodes.Template:
    assert env.loader is not None
    return env.parse(env.loader.get_source(env, template)[0])


@cache
def _hints(of: type) -> dict[str, Any]:
    return get_type_hints(of)


def _gives(function: Any) -> Any:
    return get_type_hints(function).get("return", Any)


def _plain(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in (ClassVar, Mapped) else hint


def _constant(node: Any) -> str:
    assert isinstance(node, nodes.Const), node
    return str(node.value)


def _options(hint: Any) -> tuple[Any, ...]:
    """The types a value may have, but for None: templates ask first."""
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return tuple(each for each in parts if each is not type(None)) or (Any,)


def _either(*hints: Any) -> Any:
    """One of these; what cannot be said in annotations (a macro, a method) stands alone."""
    known = [each for each in hints if each is not Any and each is not type(None)]
    special = next((each for each in known if isinstance(each, (Macro, Module, Call))), None)
    if special is not None:
        return special
    return Union[tuple(known)] if known else Any  # type: ignore[return-value]  # noqa: UP007
