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

committees as (
    select
        unit_code,
        period,
        count(*) as active_committee_count
    from {{ ref('int_committee__classified') }}
    where is_active and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

youth_orgs as (
    select
        unit_code,
        period,
        count(distinct case when is_contacted_or_cultivated then org_key end) as related_youth_org_count,
        count(distinct case when is_contacted_and_cultivated then org_key end) as fully_related_youth_org_count
    from {{ ref('int_youth_org__classified') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

venues as (
    select
        unit_code,
        period,
        count(*) as open_venue_count
    from {{ ref('int_venue__classified') }}
    where is_open and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

staff as (
    select
        unit_code,
        period,
        count(distinct case when is_serving_cadre then person_key end) as cadre_count,
        count(distinct case when is_serving_establishment_cadre then person_key end) as establishment_cadre_count,
        count(distinct case when is_serving_social_worker then person_key end) as social_worker_count,
        count(distinct case when is_serving_exclusive_social_worker then person_key end)
            as exclusive_social_worker_count,
        count(distinct case when is_serving_off_establishment_member then person_key end)
            as off_establishment_member_count
    from {{ ref('int_staff__classified') }}
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
        cast(coalesce(committees.active_committee_count, 0) as decimal(18, 4)) as active_committee_count,
        cast(coalesce(youth_orgs.related_youth_org_count, 0) as decimal(18, 4)) as related_youth_org_count,
        cast(coalesce(youth_orgs.fully_related_youth_org_count, 0) as decimal(18, 4)) as fully_related_youth_org_count,
        cast(coalesce(venues.open_venue_count, 0) as decimal(18, 4)) as open_venue_count,
        cast(coalesce(staff.cadre_count, 0) as decimal(18, 4)) as cadre_count,
        cast(coalesce(staff.establishment_cadre_count, 0) as decimal(18, 4)) as establishment_cadre_count,
        cast(coalesce(staff.social_worker_count, 0) as decimal(18, 4)) as social_worker_count,
        cast(coalesce(staff.exclusive_social_worker_count, 0) as decimal(18, 4)) as exclusive_social_worker_count,
        cast(coalesce(staff.off_establishment_member_count, 0) as decimal(18, 4)) as off_establishment_member_count
    from roster
    left join committees
        on roster.unit_code = committees.unit_code and roster.period = committees.period
    left join youth_orgs
        on roster.unit_code = youth_orgs.unit_code and roster.period = youth_orgs.period
    left join venues
        on roster.unit_code = venues.unit_code and roster.period = venues.period
    left join staff
        on roster.unit_code = staff.unit_code and roster.period = staff.period
)

select * from final
