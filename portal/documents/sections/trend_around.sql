-- The same of all units of the level of the unit below the one that it reports to; of too few it is left out.
select units.unit_code, means.period, means.unit_count, means.met, means.judged
from (
    select
        self.parent_code, self.unit_level, results.period, count(distinct results.unit_code) as unit_count,
        count(*) filter (where results.outcome = 'pass') as met, count(*) as judged
    from marts.mart_rule_result as results
    inner join document_unit as self using (unit_code)
    where
        results.outcome in ('pass', 'fail', 'not_evaluated')
        and results.clause_id in (select clause_id from rulebook.clauses where force = 'quota')
    group by all
    having count(distinct results.unit_code) >= getvariable('fewest_in_a_mean')
) as means
inner join document_unit as units using (parent_code, unit_level)
order by units.unit_code, means.period
