{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

registry as (
    select * from {{ ref('indicators') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
    where {{ changed_periods_filter('period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

found as (
    {{ unpivot_all_indicators('registry') }}
),

-- Units that owe the indicator and have no row of it: their report is missing, not due yet, or names no subject.
absent as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_code as subject_key,
        roster.unit_name as subject_name,
        registry.indicator_code,
        found.value,
        case
            when roster.is_reported then 'not_applicable'
            when roster.deadline_at > build.known_at then 'not_due'
            else 'not_evaluated'
        end as status
    from roster
    inner join registry
        on
            roster.unit_level = registry.unit_level
            and registry.missing_strategy = 'status_of_report'
    cross join build
    left join found
        on
            roster.unit_code = found.unit_code
            and roster.period = found.period
            and registry.indicator_code = found.indicator_code
    where found.indicator_code is null
),

combined as (
    select * from found
    union all
    select * from absent
),

final as (
    select
        combined.unit_code,
        combined.unit_level,
        combined.period,
        combined.indicator_code,
        registry.grain,
        combined.subject_key,
        combined.subject_name,
        combined.value,
        combined.status
    from combined
    inner join registry on combined.indicator_code = registry.indicator_code
)

select * from final
order by period, unit_code
