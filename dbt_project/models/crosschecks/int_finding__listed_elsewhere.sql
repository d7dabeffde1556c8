{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

listed as (
    select * from {{ ref('int_claim__listed') }}
    where {{ changed_periods_filter('period') }}
),

-- The decision of a stage speaks for its periods.
decisions as (
    select * from {{ ref('int_claim__decision') }}
),

fields as (
    select * from {{ ref('claimed_fields') }}
),

units as (
    select * from {{ ref('int_unit__last_known') }}
),

shared_things as (
    select
        period,
        thing_kind,
        thing_key
    from listed
    group by period, thing_kind, thing_key
    having count(distinct unit_code) > 1
),

sharing as (
    select listed.*
    from listed
    inner join shared_things
        on
            listed.period = shared_things.period
            and listed.thing_kind = shared_things.thing_kind
            and listed.thing_key = shared_things.thing_key
),

undecided as (
    select sharing.*
    from sharing
    left join decisions
        on
            {{ claim_id('sharing.thing_kind', 'sharing.thing_key') }} = decisions.claim_id
            and sharing.period between decisions.first_period and decisions.last_period
    where not coalesce(
        decisions.outcome in ('shared', 'separate')
        or (decisions.outcome = 'belongs_to' and decisions.decided_unit_code = sharing.unit_code),
        false
    )
),

others as (
    select
        undecided.period,
        undecided.unit_code,
        undecided.thing_kind,
        undecided.thing_key,
        cast(count(*) as integer) as other_count,
        min(units.unit_name) as other_name
    from undecided
    inner join sharing
        on
            undecided.period = sharing.period
            and undecided.thing_kind = sharing.thing_kind
            and undecided.thing_key = sharing.thing_key
            and undecided.unit_code <> sharing.unit_code
    inner join units on sharing.unit_code = units.unit_code
    group by undecided.period, undecided.unit_code, undecided.thing_kind, undecided.thing_key
),

final as (
    select
        fields.issue_code,
        undecided.submission_id,
        undecided.unit_code,
        undecided.period,
        fields.entity,
        fields.field,
        undecided.first_row as row,
        others.other_count,
        undecided.first_name as told_key,
        case when fields.is_named then undecided.first_name end as raw_value,
        case when fields.is_named then others.other_name end as expected
    from undecided
    inner join others
        on
            undecided.period = others.period
            and undecided.unit_code = others.unit_code
            and undecided.thing_kind = others.thing_kind
            and undecided.thing_key = others.thing_key
    inner join fields on undecided.thing_kind = fields.thing_kind
)

select * from final
