"""What the model card says of accounts: their rule, its scores and its thresholds."""

from attnclf.results import AccountRule, probability_at, with_interval
from attnclf.training.accounts import FittedAccounts
from attnclf.visible import visible


def accounts_in_card(found: FittedAccounts) -> str:
    """What the model card says of accounts, in Markdown."""
    rule = found.rule
    refitted = " The account model was then fitted to these too, so scores on them now flatter." if found.refitted else ""
    lines = [
        "## Accounts",
        "",
        "An account's log-odds are an offset (another for few posts) plus "
        f"{rule.scale:.2f} · n^(-{rule.damping:.2f}) times the sum over its posts of "
        "novelty times log-odds. A post's novelty is the mean over its distinct words and marks of 1 / (the account's posts "
        f"with it), and n is the sum of novelty.{_in_card(rule)} "
        f"The numbers were fitted to {rule.accounts:,} accounts that were held out. "
        f"Each of these was scored by a rule fitted to the others; 95 % intervals are over accounts.{refitted}",
        "",
        "| | rows | accuracy | macro F1 | log loss |",
        "|---|---|---|---|---|",
    ]
    for name, scores in (("posts", found.scores.posts), ("accounts", found.scores.verdicts)):
        cells = (
            with_interval(scores.intervals[score], found.scores.accounts) for score in ("accuracy", "macro_f1", "log_loss")
        )
        lines.append(f"| {name} | {scores.report.rows:,} | {' | '.join(cells)} |")
    if rule.min_posts > 1:
        lines += ["", f"Accounts with fewer than {rule.min_posts:,} posts are undecided."]
    for one in rule.thresholds:
        promise = "promised to be at most" if one.promised else "too few accounts to promise"
        label = visible(one.label).replace("`", "'")
        above = f"p = {probability_at(one.log_odds)} (log-odds {one.log_odds:.2f})"
        lines += ["", f"`{label}` is given above {above}. False positives by these scores ({promise} {one.rate:g}):"]
        lines += [f"{with_interval(one.false_positives, max(one.others, 100))} of {one.others:,} other accounts; recall"]
        lines += [f"{with_interval(one.recall, one.positives)} of {one.positives:,}. Intervals are of Clopper and Pearson."]
    return "\n".join(lines)


def _in_card(rule: AccountRule) -> str:
    if not rule.account_model:
        return ""
    return (
        f" To this are added {rule.account_model:.2f} times the log-odds of the account model: a logistic regression on how "
        "often the account writes each n-gram, word and word pair."
    )
