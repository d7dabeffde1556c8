-- How the rules came out in the last periods: of the unit itself (own) and of all below it in the reporting tree.
-- Counts of subjects stand in lists in the order of rule_no (see rulebook.sql).
with

numbers as (
    select rule_id, dense_rank() over (order by rule_id)::smallint as rule_no
    from (select distinct rule_id from indicators.int_rules__in_force)
),

periods as (
    select period, row_number() over (order by period desc)::smallint as period_no
    from (select distinct period from marts.mart_submission_status)
    qualify period_no <= getvariable('periods_of_rules')
),

units as (
    select unit_code, parent_code, row_number() over ()::integer as unit_no from document_unit
),

counted as (
    select
        units.unit_no,
        periods.period_no,
        numbers.rule_no,
        count(*) filter (where results.outcome = 'pass')::integer as pass,
        count(*) filter (where results.outcome = 'fail')::integer as fail,
        count(*) filter (where results.outcome = 'not_evaluated')::integer as not_evaluated,
        count(*) filter (where results.outcome = 'not_applicable')::integer as not_applicable,
        count(*) filter (where results.outcome = 'too_early')::integer as too_early,
        count(*) filter (where results.outcome = 'not_decided')::integer as not_decided
    from marts.mart_rule_result as results
    inner join periods on results.period = periods.period
    inner join numbers on results.rule_id = numbers.rule_id
    inner join units on results.unit_code = units.unit_code
    group by all
),

-- all below a unit are those that report to it or to somebody below it
by_parent as (
    select
        units.parent_code, counted.period_no, counted.rule_no, sum(pass) as pass, sum(fail) as fail,
        sum(not_evaluated) as not_evaluated, sum(not_applicable) as not_applicable, sum(too_early) as too_early,
        sum(not_decided) as not_decided
    from counted
    inner join units on counted.unit_no = units.unit_no
    group by all
),

both_scopes as (
    select
        above.above_code as unit_code, by_parent.period_no, by_parent.rule_no, 'below' as scope,
        sum(pass)::integer as pass, sum(fail)::integer as fail, sum(not_evaluated)::integer as not_evaluated,
        sum(not_applicable)::integer as not_applicable, sum(too_early)::integer as too_early,
        sum(not_decided)::integer as not_decided
    from by_parent
    inner join document_above as above on by_parent.parent_code = above.unit_code
    group by all
    union all
    select units.unit_code, period_no, rule_no, 'own', pass, fail, not_evaluated, not_applicable, too_early, not_decided
    from counted
    inner join units on counted.unit_no = units.unit_no
)

select
    both_scopes.unit_code,
    periods.period,
    both_scopes.scope,
    list(rule_no order by rule_no) as rule_no,
    list(pass order by rule_no) as pass,
    list(fail order by rule_no) as fail,
    list(not_evaluated order by rule_no) as not_evaluated,
    list(not_applicable order by rule_no) as not_applicable,
    list(too_early order by rule_no) as too_early,
    list(not_decided order by rule_no) as not_decided
from both_scopes
inner join periods on both_scopes.period_no = periods.period_no
group by both_scopes.unit_code, periods.period, both_scopes.scope
order by both_scopes.unit_code, periods.period, both_scopes.scope
