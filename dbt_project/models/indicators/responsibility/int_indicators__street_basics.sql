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
        max(
            case when is_youth_counted then 1 else 0 end
            + case when is_league_member_counted then 1 else 0 end
            + case when is_youth_org_counted then 1 else 0 end
        ) as basic_count,
        min(age_day_count) as age_day_count
    from {{ ref('int_profile__basics') }}
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
        cast(profiles.basic_count as decimal(18, 4)) as basic_figure_count,
        cast(profiles.age_day_count as decimal(18, 4)) as basic_figure_age_day_count,
        case when profiles.basic_count is null then 'not_evaluated' else 'measured' end as status,
        case when profiles.age_day_count is null then 'not_evaluated' else 'measured' end
            as basic_figure_age_day_count__status
    from roster
    left join profiles
        on roster.unit_code = profiles.unit_code and roster.period = profiles.period
)

select * from final
