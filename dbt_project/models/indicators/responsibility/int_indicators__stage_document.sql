{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level in ('province', 'city')
        and {{ changed_periods_filter('period') }}
),

stages as (
    select * from {{ ref('stages') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

documents as (
    select
        unit_code,
        period,
        stage_code,
        count(distinct class_code) as kind_count
    from {{ ref('int_stage_document__classified') }}
    where is_issued_in_time and {{ changed_periods_filter('period') }}
    group by unit_code, period, stage_code
),

counted as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        stages.name_zh as subject_name,
        concat(stages.stage_code, '/', roster.unit_code) as subject_key,
        case
            when roster.is_reported then 'measured'
            when roster.deadline_at > build.known_at then 'not_due'
            else 'not_evaluated'
        end as status,
        case when roster.is_reported then cast(coalesce(documents.kind_count, 0) as decimal(18, 4)) end as kind_count
    from roster
    inner join stages on roster.period = stages.last_period
    cross join build
    left join documents
        on
            roster.unit_code = documents.unit_code
            and roster.period = documents.period
            and stages.stage_code = documents.stage_code
),

final as (
    select
        unit_code,
        unit_level,
        period,
        subject_key,
        subject_name,
        status,
        kind_count as province_stage_document_count,
        kind_count as city_stage_document_count
    from counted
)

select * from final
