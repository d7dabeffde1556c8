-- The lines of a score, in lists; what is the same for all units is in `score_items`. Thousandths of a point.
-- item: only where the unit does not have all items of its paper.
with

papers as (
    select paper_code, unit_level, score_kind, count(distinct item_code) as item_count
    from marts.mart_score_line
    group by all
)

select
    lines.unit_code,
    lines.stage_code as stage,
    lines.score_kind as kind,
    any_value(lines.paper_code) as paper,
    case when count(*) <> any_value(papers.item_count) then list(item_code order by item_code) end as item,
    list(points order by item_code) as points,
    list(case when is_in_denominator then max_points end order by item_code) as max_points,
    list(value::double order by item_code) as value,
    list(pass_count order by item_code) as pass,
    list(fail_count order by item_code) as fail,
    list(not_evaluated_count order by item_code) as not_evaluated,
    list(not_applicable_count order by item_code) as not_applicable,
    list(too_early_count order by item_code) as too_early,
    list(not_decided_count order by item_code) as not_decided
from marts.mart_score_line as lines
inner join papers
    on
        lines.paper_code = papers.paper_code and lines.unit_level = papers.unit_level
        and lines.score_kind = papers.score_kind
group by lines.unit_code, lines.stage_code, lines.score_kind
order by lines.unit_code, stage, kind
