-- Per quarter: of the quota findings of the unit that were judged, how many meet the rule.
select
    unit_code, period, count(*) filter (where outcome = 'pass') as met, count(*) as judged
from marts.mart_rule_result
where
    outcome in ('pass', 'fail', 'not_evaluated')
    and clause_id in (select clause_id from rulebook.clauses where force = 'quota')
group by unit_code, period
order by unit_code, period
