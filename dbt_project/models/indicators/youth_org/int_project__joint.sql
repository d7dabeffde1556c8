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

classified as (
    select
        projects.submission_id,
        projects.unit_code,
        projects.period,
        projects.sheet,
        projects.row,
        projects.unit_code as subject_key,
        projects.project_key,
        running.value_zh is not null
        and coalesce(projects.started_on <= periods.ends_on, false)
        and projects.partner_org_name is not null as is_joint,
        government.value_zh is not null as is_government_affair
    from projects
    inner join periods on projects.period = periods.period
    left join classes as running
        on
            periods.rulebook_version = running.rulebook_version
            and running.class_code = 'project_active'
            and projects.project_status = running.value_zh
    left join classes as government
        on
            periods.rulebook_version = government.rulebook_version
            and government.class_code = 'government_project'
            and projects.project_kind = government.value_zh
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        subject_key,
        project_key,
        is_joint,
        is_joint and is_government_affair as is_joint_government_affair
    from classified
)

select * from final
