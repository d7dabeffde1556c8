{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

streets as (
    select * from {{ ref('int_district__covered_streets') }}
    where {{ changed_periods_filter('period') }}
),

final as (
    select
        unit_code,
        unit_level,
        period,
        subject_key,
        unit_name as subject_name,
        'measured' as status,
        {{ percentage(
            'count(distinct case when is_covered then street_code end)', 'count(distinct street_code)'
        ) }} as covered_street_pct
    from streets
    group by unit_code, unit_level, period, subject_key, unit_name
)

select * from final
