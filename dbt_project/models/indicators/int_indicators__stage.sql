{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

reports as (
    select * from {{ ref('int_stage__report') }}
    where {{ changed_periods_filter('period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

final as (
    select
        reports.unit_code,
        reports.unit_level,
        reports.period,
        reports.subject_key,
        reports.stage_name_zh as subject_name,
        cast(case when reports.is_reported then 1 else 0 end as decimal(18, 4)) as stage_report_count,
        case when reports.deadline_at > build.known_at then 'provisional' else 'measured' end as status
    from reports
    cross join build
)

select * from final
