with listed as (

    select
        member_unit_key,
        unit_code,
        period,
        unit_name,
        uscc,
        row_number() over (
            partition by member_unit_key
            order by period desc, unit_code asc, submission_id asc, row asc
        ) as rank_number
    from {{ ref('fct_member_unit') }}

),

-- reports repeat a thing every period and may spell it differently: the newest one names it
latest as (

    select * from listed
    where rank_number = 1

),

spans as (

    select
        member_unit_key,
        min(period) as first_period,
        max(period) as last_period,
        count(distinct unit_code) as claiming_unit_count
    from listed
    group by member_unit_key

),

final as (

    select
        latest.member_unit_key,
        latest.unit_code,
        latest.unit_name,
        latest.uscc,
        spans.first_period,
        spans.last_period,
        spans.claiming_unit_count
    from latest
    inner join spans on latest.member_unit_key = spans.member_unit_key

)

select * from final
