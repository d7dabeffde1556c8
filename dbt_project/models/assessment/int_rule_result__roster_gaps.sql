with

roster as (
    select * from {{ ref('dim_roster') }}
    where {{ changed_periods_filter('period') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

rules as (
    select
        in_force.rulebook_version,
        in_force.rule_id,
        registry.unit_level,
        registry.cadence
    from {{ ref('int_rules__in_force') }} as in_force
    inner join {{ ref('indicators') }} as registry on in_force.indicator_code = registry.indicator_code
),

notices as (
    select * from {{ ref('notices') }}
),

stages as (
    select * from {{ ref('stages') }}
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting' and depth = 1
),

results as (
    select * from {{ ref('fct_rule_result') }}
    where {{ changed_periods_filter('period') }}
),

outcomes as (
    select * from {{ ref('stg_judged__rule_outcome') }}
    where {{ changed_periods_filter('period') }}
),

-- Said once more from the roster alone, so that an indicator that loses units is found out.
expected as (
    select
        roster.unit_code,
        roster.period,
        rules.rule_id
    from roster
    inner join periods on roster.period = periods.period
    inner join rules
        on
            periods.rulebook_version = rules.rulebook_version
            and rules.cadence = 'period'
            and roster.unit_level = rules.unit_level
    union all
    select
        roster.unit_code,
        roster.period,
        rules.rule_id
    from roster
    inner join periods on roster.period = periods.period
    inner join notices on roster.period = notices.period
    inner join tree
        on
            roster.unit_code = tree.unit_code
            and notices.issuer_code = tree.ancestor_code
    inner join rules
        on
            periods.rulebook_version = rules.rulebook_version
            and rules.cadence = 'notice'
    union all
    select
        roster.unit_code,
        roster.period,
        rules.rule_id
    from roster
    inner join periods on roster.period = periods.period
    inner join stages on roster.period = stages.last_period
    inner join rules
        on
            periods.rulebook_version = rules.rulebook_version
            and rules.cadence = 'stage'
            and rules.unit_level in (roster.unit_level, 'all')
    union all
    select
        roster.unit_code,
        roster.period,
        rules.rule_id
    from roster
    inner join periods on roster.period = periods.period
    inner join stages on roster.period = stages.first_period
    inner join rules
        on
            periods.rulebook_version = rules.rulebook_version
            and rules.cadence = 'stage_start'
            and rules.unit_level in (roster.unit_level, 'all')
),

without_result as (
    select
        expected.period,
        expected.rule_id,
        expected.unit_code,
        cast(null as string) as subject_key,
        'a unit on the roster has no result' as gap
    from expected
    where not exists (
        select 1
        from results
        where
            results.unit_code = expected.unit_code
            and results.period = expected.period
            and results.rule_id = expected.rule_id
    )
),

not_expected as (
    select
        results.period,
        results.rule_id,
        results.unit_code,
        results.subject_key,
        'a unit that does not owe the rule has a result' as gap
    from results
    where not exists (
        select 1
        from expected
        where
            expected.unit_code = results.unit_code
            and expected.period = results.period
            and expected.rule_id = results.rule_id
    )
),

without_outcome as (
    select
        period,
        rule_id,
        unit_code,
        subject_key,
        'a subject was not judged' as gap
    from results
    where outcome is null
),

without_subject as (
    select
        outcomes.period,
        outcomes.rule_id,
        outcomes.unit_code,
        outcomes.subject_key,
        'an outcome belongs to no subject' as gap
    from outcomes
    where not exists (
        select 1
        from results
        where
            results.unit_code = outcomes.unit_code
            and results.period = outcomes.period
            and results.rule_id = outcomes.rule_id
            and results.subject_key = outcomes.subject_key
    )
),

final as (
    select * from without_result
    union all
    select * from not_expected
    union all
    select * from without_outcome
    union all
    select * from without_subject
)

select * from final
