-- 哪些条款暂时无法评判？为什么？
-- Which clauses cannot be judged yet, and why?
-- not_decided: an office has to fix a number first. too_early: the day has not come. not_evaluated: no report says.
select
    clauses.force,
    count(distinct results.clause_id) as clauses,
    count(distinct results.clause_id) filter (where results.outcome = 'not_decided') as with_undecided_numbers,
    count(*) filter (where results.outcome = 'not_decided') as not_decided,
    count(*) filter (where results.outcome = 'too_early') as too_early,
    count(*) filter (where results.outcome = 'not_evaluated') as not_evaluated,
    count(*) filter (where results.outcome in ('pass', 'fail')) as judged
from marts.mart_rule_result as results
inner join rulebook.clauses as clauses on results.clause_id = clauses.clause_id
where results.period = '2025-Q4'
group by clauses.force
order by judged desc, clauses.force
