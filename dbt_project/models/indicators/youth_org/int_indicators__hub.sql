{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'street'
        and is_reported
        and {{ changed_periods_filter('period') }}
),

profiles as (
    select
        unit_code,
        period,
        max(hub_function_count) as hub_function_count,
        max(online_group_count) as online_group_count,
        max(age_day_count) as age_day_count
    from {{ ref('int_profile__youth_org_work') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

projects as (
    select
        unit_code,
        period,
        count(distinct case when is_joint then project_key end) as joint_count,
        count(distinct case when is_joint_government_affair then project_key end) as joint_government_count
    from {{ ref('int_project__joint') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_code as subject_key,
        roster.unit_name as subject_name,
        'measured' as status,
        cast(coalesce(projects.joint_count, 0) as decimal(18, 4)) as joint_project_count,
        cast(coalesce(projects.joint_government_count, 0) as decimal(18, 4)) as joint_government_project_count,
        cast(profiles.hub_function_count as decimal(18, 4)) as hub_function_count,
        cast(profiles.online_group_count as decimal(18, 4)) as watched_online_group_count,
        cast(profiles.age_day_count as decimal(18, 4)) as youth_org_figure_age_day_count,
        case when profiles.hub_function_count is null then 'not_evaluated' else 'measured' end
            as hub_function_count__status,
        case when profiles.online_group_count is null then 'not_evaluated' else 'measured' end
            as watched_online_group_count__status,
        case when profiles.age_day_count is null then 'not_evaluated' else 'measured' end
            as youth_org_figure_age_day_count__status
    from roster
    left join profiles
        on roster.unit_code = profiles.unit_code and roster.period = profiles.period
    left join projects
        on roster.unit_code = projects.unit_code and roster.period = projects.period
)

select * from final
