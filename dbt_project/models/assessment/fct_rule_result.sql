{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

to_judge as (
    select * from {{ ref('int_rules__to_judge') }}
    where {{ changed_periods_filter('period') }}
),

outcomes as (
    select * from {{ ref('stg_judged__rule_outcome') }}
),

registry as (
    select * from {{ ref('indicators') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
    where {{ changed_periods_filter('period') }}
),

stages as (
    select * from {{ ref('stages') }}
),

records as (
    select * from {{ ref('stg_ledger__decision_record') }}
    where kind in ('override', 'excuse')
),

-- The last record about a finding, or about a unit's part in the stage, stands.
dated_records as (
    select
        records.kind,
        records.unit_code,
        records.rule_id,
        records.subject_key,
        records.outcome,
        stages.first_period,
        stages.last_period,
        row_number() over (
            partition by
                records.kind, records.stage_code, records.unit_code,
                case when records.kind = 'override' then records.rule_id end,
                case when records.kind = 'override' then records.subject_key end
            order by records.decided_at desc, records.record_id desc
        ) as recency
    from records
    inner join stages on records.stage_code = stages.stage_code
),

standing_records as (
    select * from dated_records
    where recency = 1 and coalesce(outcome, '') <> 'lifted'
),

judged as (
    select
        to_judge.rulebook_version,
        to_judge.rule_id,
        to_judge.clause_id,
        to_judge.indicator_code,
        to_judge.unit_code,
        to_judge.unit_level,
        to_judge.period,
        to_judge.grain,
        to_judge.subject_key,
        to_judge.subject_name,
        to_judge.value,
        to_judge.lower_bound,
        to_judge.upper_bound,
        to_judge.operator,
        to_judge.status,
        outcomes.outcome as judged_outcome,
        case
            when outcomes.outcome is null then null
            when overrides.outcome is not null then overrides.outcome
            -- A unit that is excused from the stage owes it no report.
            when excuses.unit_code is not null and registry.cadence = 'stage' then 'not_applicable'
            else outcomes.outcome
        end as outcome,
        to_judge.owed_by,
        to_judge.parameter_status,
        {{ ten_thousandths('case when to_judge.value > 0 then to_judge.value else 0 end') }} as value_units,
        {{ ten_thousandths('to_judge.lower_bound') }} as lower_units,
        {{ ten_thousandths('to_judge.upper_bound') }} as upper_units
    from to_judge
    inner join registry on to_judge.indicator_code = registry.indicator_code
    inner join roster
        on to_judge.unit_code = roster.unit_code and to_judge.period = roster.period
    left join outcomes
        on
            to_judge.rulebook_version = outcomes.rulebook_version
            and to_judge.rule_id = outcomes.rule_id
            and to_judge.unit_code = outcomes.unit_code
            and to_judge.period = outcomes.period
            and to_judge.subject_key = outcomes.subject_key
    left join standing_records as overrides
        on
            overrides.kind = 'override'
            and to_judge.rule_id = overrides.rule_id
            and to_judge.unit_code = overrides.unit_code
            and to_judge.subject_key = overrides.subject_key
            and to_judge.period between overrides.first_period and overrides.last_period
    left join standing_records as excuses
        on
            excuses.kind = 'excuse'
            and to_judge.unit_code = excuses.unit_code
            and to_judge.period between excuses.first_period and excuses.last_period
),

final as (
    select
        rulebook_version,
        rule_id,
        clause_id,
        indicator_code,
        unit_code,
        unit_level,
        period,
        grain,
        subject_key,
        subject_name,
        value,
        lower_bound,
        upper_bound,
        operator,
        status,
        outcome,
        owed_by,
        parameter_status,
        judged_outcome,
        -- Share of the threshold that was reached; a value above a range falls short as well.
        cast(case
            when outcome = 'pass' then 1000000
            when outcome = 'not_evaluated' then 0
            -- Below a threshold of nothing, as when a number must not fall.
            when outcome = 'fail' and lower_units <= 0 and value < lower_bound then 0
            when outcome = 'fail' and value_units < lower_units
                then {{ half_up('1000000 * value_units', 'lower_units') }}
            when outcome = 'fail' and value_units > upper_units
                then {{ half_up('1000000 * upper_units', 'value_units') }}
            when outcome = 'fail' then 0
        end as integer) as attainment_millionths
    from judged
)

select * from final
