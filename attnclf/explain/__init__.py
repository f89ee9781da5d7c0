"""Explanations: why the model decided as it did, token by token, and how far each explanation method can be trusted."""

from attnclf.explain.additivity import NotAdditive as NotAdditive
from attnclf.explain.additivity import check_additivity as check_additivity
from attnclf.explain.aggregate import by_word as by_word
from attnclf.explain.counterfactual import with_counterfactuals as with_counterfactuals
from attnclf.explain.diagnostics import diagnose as diagnose
from attnclf.explain.explainer import check_by as check_by
from attnclf.explain.explainer import explain as explain
from attnclf.explain.faithfulness import MODES as MODES
from attnclf.explain.faithfulness import cost_of as cost_of
from attnclf.explain.faithfulness import measure_faithfulness as measure_faithfulness
from attnclf.explain.faithfulness import measure_in_modes as measure_in_modes
from attnclf.explain.methods import METHODS as METHODS
from attnclf.explain.overview import overview as overview
from attnclf.explain.plausibility import measure_plausibility as measure_plausibility
from attnclf.explain.plausibility import rationale_of as rationale_of
from attnclf.explain.sample import affordable as affordable
from attnclf.explain.sample import evenly_spaced as evenly_spaced
