with listed as (

    select
        youth_org_key,
        unit_code,
        period,
        org_name,
        uscc,
        row_number() over (
            partition by youth_org_key
            order by period desc, unit_code asc, submission_id asc, row asc
        ) as rank_number
    from {{ ref('fct_youth_org') }}

),

-- reports repeat a thing every period and may spell it differently: the newest one names it
latest as (

    select * from listed
    where rank_number = 1

),

spans as (

    select
        youth_org_key,
        min(period) as first_period,
        max(period) as last_period,
        count(distinct unit_code) as claiming_unit_count
    from listed
    group by youth_org_key

),

final as (

    select
        latest.youth_org_key,
        latest.unit_code,
        latest.org_name,
        latest.uscc,
        spans.first_period,
        spans.last_period,
        spans.claiming_unit_count
    from latest
    inner join spans on latest.youth_org_key = spans.youth_org_key

)

select * from final
