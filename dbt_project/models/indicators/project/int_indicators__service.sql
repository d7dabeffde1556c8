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

services as (
    select
        unit_code,
        period,
        count(*) as service_count,
        sum(case when is_of_social_org then 1 else 0 end) as social_org_service_count
    from {{ ref('int_activity__providers') }}
    where is_service and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

media as (
    select
        unit_code,
        period,
        max(media_post_count) as media_post_count
    from {{ ref('int_profile__new_media') }}
    where is_post_count_stated and {{ changed_periods_filter('period') }}
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
        case when services.service_count > 0 then 'measured' else 'not_applicable' end as social_org_service_pct__status,
        cast(media.media_post_count as decimal(18, 4)) as media_post_count,
        -- Nothing stated is not the same as nothing posted.
        case when media.media_post_count is null then 'not_evaluated' else 'measured' end as media_post_count__status,
        {{ percentage('services.social_org_service_count', 'services.service_count') }} as social_org_service_pct
    from roster
    left join services
        on roster.unit_code = services.unit_code and roster.period = services.period
    left join media
        on roster.unit_code = media.unit_code and roster.period = media.period
)

select * from final
