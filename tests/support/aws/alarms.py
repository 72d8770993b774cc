"""Alarms as CloudWatch reads them: which metrics one watches, what our code writes of them, and when it rings."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

EMF = '{"_aws"'
"""How a line in the embedded metric format begins."""


@dataclass(frozen=True)
class Metric:
    """A metric by all that tells it from another: with one dimension more or less it is another metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Watched:
    """A metric of an alarm, as the template has it."""

    own: Mapping[str, Any]

    @property
    def kind(self) -> tuple[Any, str]:
        """Its namespace and its name."""
        return self.own["Namespace"], self.own["MetricName"]

    @property
    def dimensions(self) -> dict[str, Any]:
        """What it is of, with the intrinsic functions still in it."""
        return {one["Name"]: one["Value"] for one in self.own.get("Dimensions", [])}

    def in_stack(self, names: Mapping[str, str]) -> Metric:
        """The metric once a stack is made. `names`: what its references come to."""
        dimensions = frozenset((name, resolved(value, names)) for name, value in self.dimensions.items())
        return Metric(resolved(self.own["Namespace"], names), self.own["MetricName"], dimensions)


def watched(alarm: Mapping[str, Any]) -> list[Watched]:
    """The metrics that an alarm reads: one, or those of its expression."""
    if "Metrics" not in alarm:
        return [Watched(alarm)]
    return [Watched(one["MetricStat"]["Metric"]) for one in alarm["Metrics"] if "MetricStat" in one]


def resolved(value: Any, names: Mapping[str, str]) -> str:
    """A text of the template, its references replaced. Raises KeyError naming one that has no value."""
    match value:
        case {"Ref": str(name)}:
            return names[name]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: names[found[1]], text)
        case str():
            return value
        case _:
            raise TypeError(f"not a text: {value}")


def written(output: str) -> dict[Metric, list[float]]:
    """What functions wrote in the embedded metric format: the values of each metric, for each set of its dimensions."""
    found: dict[Metric, list[float]] = {}
    for line in output.splitlines():
        if line.startswith(EMF):
            document = json.loads(line)
            for directive in document["_aws"]["CloudWatchMetrics"]:
                for names in directive["Dimensions"]:
                    dimensions = frozenset((name, document[name]) for name in names)
                    for metric in directive["Metrics"]:
                        key = Metric(directive["Namespace"], metric["Name"], dimensions)
                        found.setdefault(key, []).extend(document[metric["Name"]])
    return found


def units(output: str) -> dict[str, str]:
    """The unit of each metric that functions wrote."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith(EMF)]
    directives = [directive for line in lines for directive in line["_aws"]["CloudWatchMetrics"]]
    return {metric["Name"]: metric["Unit"] for directive in directives for metric in directive["Metrics"]}


def is_over(alarm: Mapping[str, Any], values: Mapping[str, float]) -> bool:
    """Whether a period in which the metrics had these values, by their ids, is beyond the alarm's threshold."""
    (expression,) = [one["Expression"] for one in alarm["Metrics"] if one.get("ReturnData", True)]
    series: Sequence[float] = list(values.values())
    functions = {
        "IF": lambda condition, then, otherwise: then if condition else otherwise,
        "FILL": lambda filled, _with: filled,
        "METRICS": lambda: series,
        "MAX": max,
        "SUM": sum,
    }
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return bool(eval(expression, {"__builtins__": {}}, {**functions, **values}) > alarm["Threshold"])
