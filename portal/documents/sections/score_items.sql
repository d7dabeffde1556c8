-- The items of the papers, once for all units: they lie with the country. In the order of the lists of `score_lines`;
-- place: in the order of the paper.
select
    getvariable('country_code') as unit_code,
    paper_code as paper,
    unit_level as level,
    score_kind as kind,
    item_code as item,
    any_value(item_zh) as name,
    any_value(group_code) as "group",
    any_value(group_name_zh) as group_name,
    any_value(rule_id) as rule,
    any_value(clause_id) as clause,
    any_value(quote_zh) as quote,
    any_value(owed_by) as owed_by,
    any_value(method) as method,
    any_value(counts_as) as counts_as,
    any_value(weight)::double as weight,
    min(sort_order) as place
from marts.mart_score_line
group by paper_code, unit_level, score_kind, item_code
order by paper_code, unit_level, score_kind, item_code
