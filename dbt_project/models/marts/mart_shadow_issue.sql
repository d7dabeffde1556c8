{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

landed as (
    select * from {{ ref('stg_lake__shadow_issue') }}
    where {{ changed_periods_filter('period') }}
),

compared as (
    select * from {{ ref('int_finding__compared') }}
    where is_shadow and {{ changed_periods_filter('period') }}
),

issues as (
    select
        landed.submission_id,
        landed.unit_code,
        landed.period,
        landed.form,
        landed.sheet,
        landed.cell,
        landed.header,
        landed.raw_value,
        landed.issue_code,
        landed.severity,
        landed.message,
        landed.finding_key
    from landed
    union all
    select
        compared.submission_id,
        compared.unit_code,
        compared.period,
        compared.form,
        compared.sheet,
        compared.cell,
        compared.header,
        compared.raw_value,
        compared.issue_code,
        compared.severity,
        compared.message,
        compared.finding_key
    from compared
),

submissions as (
    select * from {{ ref('fct_submission') }}
    where {{ changed_periods_filter('period') }}
),

kinds as (
    select * from {{ ref('stg_reference__issue_kind') }}
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

final as (
    select
        issues.unit_code,
        units.unit_name,
        units.unit_level,
        units.district_code,
        units.district_name,
        units.city_code,
        units.city_name,
        units.province_code,
        units.province_name,
        issues.period,
        issues.submission_id,
        issues.form,
        submissions.state as submission_state,
        submissions.is_standing,
        issues.sheet,
        issues.cell,
        issues.header,
        issues.raw_value,
        issues.issue_code,
        kinds.check_level,
        issues.severity,
        issues.message,
        issues.finding_key,
        kinds.active_from
    from issues
    inner join submissions on issues.submission_id = submissions.submission_id
    left join kinds on issues.issue_code = kinds.issue_code
    left join units on issues.unit_code = units.unit_code
)

select * from final
order by period, unit_code
