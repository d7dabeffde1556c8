-- 各项定量要求的达标率是多少？
-- What share of the streets meets each quota?
-- Only what could be judged is in the denominator: a null never passes, and never fails either.
select
    results.clause_id,
    any_value(clauses.quote_zh) as quote_zh,
    count(*) filter (where results.outcome in ('pass', 'fail')) as judged,
    count(*) filter (where results.outcome = 'fail') as failed,
    round(100.0 * count(*) filter (where results.outcome = 'pass')
        / nullif(count(*) filter (where results.outcome in ('pass', 'fail')), 0), 1) as pass_pct
from marts.mart_rule_result as results
inner join rulebook.clauses as clauses on results.clause_id = clauses.clause_id
where clauses.force = 'quota' and results.unit_level = 'street' and results.period = '2025-Q4'
group by results.clause_id
order by pass_pct nulls last, results.clause_id
