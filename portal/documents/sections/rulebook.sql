-- Clauses and the rules on them, the newest version of each, once for all units: they lie with the country.
-- A rule is known by its place here (rule_no) in `rules`; a clause that no rule judges has none.
with newest as (
    select *
    from indicators.int_rules__in_force
    qualify row_number() over (partition by rule_id order by rulebook_version desc) = 1
)
select
    getvariable('country_code') as unit_code,
    clauses.clause_id as clause,
    clauses.section,
    clauses.quote_zh as quote,
    clauses.force,
    clauses.open_parameter_zh as open_parameter,
    newest.rule_id as rule,
    dense_rank() over (order by newest.rule_id nulls last)::integer as rule_no,
    registry.unit_level as level,
    registry.name_zh as indicator,
    registry.measure_unit_zh as measure_unit,
    newest.operator,
    newest.lower_bound::double as lower_bound,
    newest.upper_bound::double as upper_bound,
    newest.owed_by,
    newest.owed_by_zh,
    newest.parameter_status
from rulebook.clauses as clauses
left join newest on clauses.clause_id = newest.clause_id
left join rulebook.indicators as registry on newest.indicator_code = registry.indicator_code
order by clauses.rowid, newest.rule_id
