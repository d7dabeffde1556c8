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

in_period as (
    select
        projects.*,
        periods.rulebook_version,
        coalesce(projects.started_on <= periods.ends_on, false) as is_started
    from projects
    inner join periods on projects.period = periods.period
),

-- One row per project row and class that one of its codes belongs to.
classed as (
    select
        in_period.submission_id,
        in_period.sheet,
        in_period.row,
        classes.class_code
    from in_period
    inner join classes
        on
            in_period.rulebook_version = classes.rulebook_version
            and (
                (classes.code_list = 'active_status' and in_period.project_status = classes.value_zh)
                or (classes.code_list = 'project_kind' and in_period.project_kind = classes.value_zh)
                or (classes.code_list = 'national_brand' and in_period.national_brand = classes.value_zh)
                or (classes.code_list = 'project_theme' and in_period.theme = classes.value_zh)
            )
),

flags as (
    select
        submission_id,
        sheet,
        row,
        max(case when class_code = 'project_active' then 1 else 0 end) = 1 as is_active,
        max(case when class_code = 'landed_brand' then 1 else 0 end) = 1 as is_brand,
        max(case when class_code = 'regional_brand' then 1 else 0 end) = 1 as is_regional,
        max(case when class_code = 'focus_theme' then 1 else 0 end) = 1 as is_focus,
        max(case when class_code = 'newcomer_programme' then 1 else 0 end) = 1 as is_newcomer,
        max(case when class_code = 'volunteer_action' then 1 else 0 end) = 1 as is_volunteer,
        max(case when class_code = 'government_project' then 1 else 0 end) = 1 as is_government
    from classed
    group by submission_id, sheet, row
),

marked as (
    select
        in_period.*,
        flags.is_brand,
        flags.is_regional,
        flags.is_focus,
        flags.is_newcomer,
        flags.is_volunteer,
        flags.is_government,
        in_period.is_started and coalesce(flags.is_active, false) as is_running
    from in_period
    -- A project none of whose codes counts has no flags.
    left join flags
        on
            in_period.submission_id = flags.submission_id
            and in_period.sheet = flags.sheet
            and in_period.row = flags.row
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        project_key,
        project_name,
        national_brand,
        theme,
        satisfaction_pct,
        is_running,
        coalesce(party_count, 0) as party_count,
        coalesce(session_count, 0) as session_count,
        coalesce(participant_count, 0) as participant_count,
        coalesce(contract_amount_cny, 0) as contract_amount_cny,
        is_running and coalesce(session_count, 0) > 0 as has_sessions,
        is_running and satisfaction_pct is not null as is_rated,
        is_running and is_brand as is_landed_brand,
        is_running and is_regional as is_regional_brand,
        is_running and is_regional and is_focus as is_focus_brand,
        is_running
        and is_newcomer
        and coalesce(with_hr_department, false)
        and coalesce(session_count, 0) > 0 as is_newcomer_programme,
        is_running and is_volunteer as is_volunteer_action,
        is_running and (is_government or coalesce(contract_amount_cny, 0) > 0) as is_government_contract
    from marked
)

select * from final
