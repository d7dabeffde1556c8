{{ config(materialized='view') }}

with

projects as (
    select * from {{ ref('fct_project') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

sorted as (
    select
        projects.submission_id,
        projects.unit_code,
        projects.period,
        projects.sheet,
        projects.row,
        projects.unit_code as subject_key,
        projects.project_name,
        coalesce(projects.social_funds_cny, 0) as social_funds_cny,
        active.value_zh is not null
        and coalesce(projects.started_on <= periods.ends_on, false) as is_running,
        project_mode.value_zh is not null as is_project_mode,
        market_mode.value_zh is not null as is_market_mode
    from projects
    inner join periods on projects.period = periods.period
    left join classes as active
        on
            periods.rulebook_version = active.rulebook_version
            and active.class_code = 'project_running'
            and projects.project_status = active.value_zh
    left join classes as project_mode
        on
            periods.rulebook_version = project_mode.rulebook_version
            and project_mode.class_code = 'project_mode'
            and projects.operation_mode = project_mode.value_zh
    left join classes as market_mode
        on
            periods.rulebook_version = market_mode.rulebook_version
            and market_mode.class_code = 'market_mode'
            and projects.operation_mode = market_mode.value_zh
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        subject_key,
        project_name,
        social_funds_cny,
        is_running and is_project_mode as is_project_based,
        is_running and is_market_mode as is_market_based,
        is_running and (is_project_mode or is_market_mode) and social_funds_cny > 0 as is_socially_funded
    from sorted
)

select * from final
